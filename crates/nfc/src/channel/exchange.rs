//! One exchange: send, ask until it is done, and what to do when it does not end well.

use keyvet_transport::{ChannelError, Exchange, Phase, Progress};

use super::line::{Line, is_gone};
use super::wait::{Limit, Stop};
use super::{CTAP2, CardChannel, GET_INFO, SUCCESS};
use crate::CardLink;
use crate::iso7816::{
    Application, CardError, Encoding, Form, Forms, Message, MessageStep, StatusWord,
};

/// How one attempt ended.
enum Ending {
    Answer(Vec<u8>),
    /// The card did not take the message in this form.
    Refused(StatusWord),
    /// The reader does not carry commands of this form.
    NotCarried(ChannelError),
}

impl<L: CardLink> CardChannel<L> {
    /// Carries `request` over, in the first form that is taken. Nothing is sent again that may have been carried out.
    pub(super) async fn carry(
        &mut self,
        request: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError> {
        let (settings, reader) = (self.settings.clone(), self.device.path.clone());
        let extended = settings.memory.carries_extended(&reader, request.len());
        let mut forms = Forms::new(settings.mode, extended);
        let mut form = forms.current();
        let (mut extended_refused, mut selected_again) = (false, false);
        loop {
            let ending = self.attempt(request, form, exchange).await?;
            if extended_refused && matches!(ending, Ending::Answer(_)) {
                settings.memory.refuse_extended(&reader, request.len());
            }
            let (next, error) = match ending {
                Ending::Answer(answer) => {
                    self.proven = true;
                    return Ok(answer);
                }
                // it did know the command: somebody has selected another application
                Ending::Refused(status)
                    if self.proven && status.is_of_another_application() && !selected_again =>
                {
                    selected_again = true;
                    self.select_again(exchange).await?;
                    continue;
                }
                Ending::Refused(status) => (forms.after_refusal(status), self.refusal(status)),
                Ending::NotCarried(error) => {
                    (self.after_reader(&mut forms, request, &error), error)
                }
            };
            let Some(next) = next else { return Err(error) };
            extended_refused |=
                form.encoding == Encoding::Extended && next.encoding != form.encoding;
            form = next;
        }
    }

    /// The next form after the reader refused one. Only what certainly was not sent, or may be sent twice, is sent again;
    /// whoever repeats the rest will find the form changed.
    fn after_reader(
        &self,
        forms: &mut Forms,
        request: &[u8],
        error: &ChannelError,
    ) -> Option<Form> {
        let was_extended = forms.current().encoding == Encoding::Extended;
        let next = forms.other_encoding()?;
        if matches!(error, ChannelError::TooLong { .. }) || request == GET_INFO {
            return Some(next);
        }
        if was_extended {
            self.settings.memory.refuse_extended(&self.device.path, request.len());
        }
        None
    }

    /// What a refusal means when no other form is left.
    fn refusal(&self, status: StatusWord) -> ChannelError {
        // a card that calls itself U2F and takes no CTAP2 message in any form speaks U2F only
        if self.application == Application::U2f && !self.proven && !status.is_failure() {
            return ChannelError::Unsupported(CTAP2);
        }
        CardError::Refused { command: "a CTAP2 message", status }.into()
    }

    async fn attempt(
        &mut self,
        request: &[u8],
        form: Form,
        exchange: Exchange<'_>,
    ) -> Result<Ending, ChannelError> {
        // stays so when this future is dropped
        self.line = Line::Unknown;
        let (mut message, first) = Message::new(request, form);
        let limit = Limit::of(&exchange);
        match self.converse(&mut message, first, limit, exchange.progress).await {
            Ok(ending) => {
                self.line = Line::InStep;
                Ok(ending)
            }
            Err(Stop::Failed(
                error @ (ChannelError::TooLong { .. } | ChannelError::Unsupported(_)),
            )) => {
                self.line = Line::InStep;
                Ok(Ending::NotCarried(error))
            }
            Err(Stop::Failed(error)) => {
                Err(self.give_up(Stop::Failed(error), message.phase()).await)
            }
            Err(stop) => self.call_off(message, stop).await,
        }
    }

    /// Sends `apdu` and everything that has to follow.
    async fn converse(
        &mut self,
        message: &mut Message,
        mut apdu: Vec<u8>,
        limit: Limit<'_>,
        progress: &dyn Progress,
    ) -> Result<Ending, Stop> {
        let (mut extra, mut asked) = (None, false);
        loop {
            // an answer that has begun is fetched as long as that goes quickly: it is what the authenticator did
            if message.phase() != Phase::MidMessage {
                limit.check()?;
            }
            let response = self.transmit(&apdu, limit, &mut extra).await?;
            match message.push(&response)? {
                MessageStep::Send(next) => apdu = next,
                MessageStep::Working(event) => {
                    self.working = true;
                    progress.event(event);
                    if std::mem::replace(&mut asked, true) {
                        limit.pause(self.settings.timing.poll).await?;
                    }
                    apdu = message.poll();
                }
                MessageStep::Answer(answer) => {
                    self.working = false;
                    return Ok(Ending::Answer(answer));
                }
                MessageStep::Refused(status) => return Ok(Ending::Refused(status)),
            }
        }
    }

    /// Cancels what the authenticator works on and waits for the end of it. A success that was quicker than the cancel is
    /// what the authenticator did, so it is told.
    async fn call_off(&mut self, mut message: Message, stop: Stop) -> Result<Ending, ChannelError> {
        let phase = message.phase();
        if self.outstanding {
            // the card cannot hear; the next exchange waits for it
            return Err(stop.during(phase));
        }
        if !self.working {
            return Err(self.give_up(stop, phase).await);
        }
        let cancel = message.cancel();
        let limit = Limit::firm(self.settings.timing.grace);
        let drained = self.converse(&mut message, cancel, limit, &()).await;
        self.working = false;
        match drained {
            Ok(Ending::Answer(answer)) => {
                self.line = Line::InStep;
                let success = answer.first() == Some(&SUCCESS);
                if success { Ok(Ending::Answer(answer)) } else { Err(stop.during(phase)) }
            }
            _ => Err(self.give_up(stop, phase).await),
        }
    }

    /// Brings the line back in step after an exchange that failed, so that the authenticator is free for others too.
    async fn give_up(&mut self, stop: Stop, phase: Phase) -> ChannelError {
        let stop = self.note(stop);
        let gone = matches!(&stop, Stop::Failed(error) if is_gone(error));
        if !gone && !self.outstanding {
            let limit = Limit::firm(self.settings.timing.resync);
            // how that ends shows in `line`, and with the next exchange
            let _ = self.recover(limit).await;
        }
        stop.during(phase)
    }
}
